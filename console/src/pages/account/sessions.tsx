import { useTranslation } from 'react-i18next';
import { Page } from '../../components/page';
import { SessionList } from '../../components/session-list';

export function Sessions() {
  const { t } = useTranslation();
  return (
    <Page title={t('pages.sessions')} lead={t('sessions.lead')}>
      <SessionList canEnd />
    </Page>
  );
}
