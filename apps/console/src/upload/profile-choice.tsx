import { t } from '../messages/say.js';

const BUILT_IN = ['default', 'compact', 'avatar'];

/** A field with the built-in profiles as suggestions: a server may have its own. */
export function ProfileChoice({ value, onChange }: { value: string; onChange: (name: string) => void }) {
  return (
    <div class="field profile">
      <label for="profile">{t('upload.profile')}</label>
      <input
        id="profile"
        list="profiles"
        value={value}
        autocomplete="off"
        spellcheck={false}
        aria-describedby="profile-hint"
        onChange={({ currentTarget }) => onChange(currentTarget.value.trim() || 'default')}
      />
      <datalist id="profiles">
        {BUILT_IN.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <small id="profile-hint">{t('upload.profile-hint')}</small>
    </div>
  );
}
