import { useTranslation } from 'react-i18next';
import { LoginList } from '../../components/login-list';
import { Page } from '../../components/page';

export function History() {
  const { t } = useTranslation();
  return (
    <Page title={t('pages.history')} lead={t('logins.ownLead')}>
      <LoginList />
    </Page>
  );
}
