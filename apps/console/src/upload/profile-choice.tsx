import { t } from '../messages/say.js';
import { profiles } from '../state/profiles.js';
import { variantWords } from './variant-words.js';

interface Props {
  value: string;
  onChange: (name: string) => void;
}

/** The profiles of the server to choose from, with what the chosen one makes. */
export function ProfileChoice({ value, onChange }: Props) {
  const known = profiles.value;
  const chosen = known.find(({ name }) => name === value);
  return (
    <div class="field profile">
      <label for="profile">{t('upload.profile')}</label>
      {known.length === 0 ? (
        <ProfileName value={value} onChange={onChange} />
      ) : (
        <select
          id="profile"
          value={value}
          aria-describedby="profile-hint"
          onChange={({ currentTarget }) => onChange(currentTarget.value)}
        >
          {known.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      )}
      <small id="profile-hint">
        {chosen === undefined ? t('upload.profile-hint') : variantWords(chosen)}
      </small>
    </div>
  );
}

/** A key that may not list the profiles can name one. */
function ProfileName({ value, onChange }: Props) {
  return (
    <input
      id="profile"
      value={value}
      autocomplete="off"
      spellcheck={false}
      aria-describedby="profile-hint"
      onChange={({ currentTarget }) => onChange(currentTarget.value.trim() || 'default')}
    />
  );
}
