import { t } from '../messages/say.js';
import { Icon, type IconName } from '../parts/icon.js';
import { language, type Theme, theme } from '../state/preferences.js';
import { addressOf, route, SCOPE_OF_VIEW } from '../state/route.js';
import { apiKey, may, signOut } from '../state/session.js';
import iconUrl from '../style/icon.svg';
import { totals } from '../upload/page-queue.js';

const VIEWS = [
  { view: '', name: 'nav.upload', icon: 'upload' },
  { view: 'images', name: 'nav.images', icon: 'images' },
  { view: 'batches', name: 'nav.batches', icon: 'batches' },
  { view: 'review', name: 'nav.review', icon: 'eye' },
  { view: 'operator', name: 'nav.operator', icon: 'operator' },
] as const;

export function Header() {
  return (
    <header class="top">
      <a class="brand" href={addressOf('')}>
        <img src={iconUrl} alt="" width={28} height={28} />
        Pixdock
      </a>
      {apiKey.value !== null && <Navigation />}
      <div class="tools">
        <button
          type="button"
          class="quiet"
          lang={language.value === 'zh' ? 'en' : 'zh-CN'}
          onClick={() => (language.value = language.value === 'zh' ? 'en' : 'zh')}
        >
          {t('nav.language')}
        </button>
        <ThemeButton />
        {apiKey.value !== null && (
          <button
            type="button"
            class="quiet icon-only"
            aria-label={t('nav.sign-out')}
            title={t('nav.sign-out')}
            onClick={signOut}
          >
            <Icon name="exit" />
          </button>
        )}
      </div>
    </header>
  );
}

function Navigation() {
  const current = route.value.view === 'import' ? 'batches' : route.value.view;
  const { arrived, files } = totals.value;
  return (
    <nav aria-label={t('nav.label')}>
      {VIEWS.filter(({ view }) => may(SCOPE_OF_VIEW[view])).map(({ view, name, icon }) => (
        <a key={view} href={addressOf(view)} {...(current === view ? { 'aria-current': 'page' } : {})}>
          <Icon name={icon} />
          <span>{t(name)}</span>
          {view === '' && arrived < files && <span class="count">{files - arrived}</span>}
        </a>
      ))}
    </nav>
  );
}

const NEXT: Record<Theme, Theme> = { auto: 'light', light: 'dark', dark: 'auto' };
const THEME_ICONS: Record<Theme, IconName> = { auto: 'half', light: 'sun', dark: 'moon' };

function ThemeButton() {
  const label = t(`theme.${theme.value}`);
  return (
    <button
      type="button"
      class="quiet icon-only"
      aria-label={label}
      title={label}
      onClick={() => (theme.value = NEXT[theme.value])}
    >
      <Icon name={THEME_ICONS[theme.value]} />
    </button>
  );
}
