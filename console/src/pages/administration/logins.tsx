import { useTranslation } from 'react-i18next';
import { LoginList } from '../../components/login-list';
import { Page } from '../../components/page';

export function Logins() {
  const { t } = useTranslation();
  return (
    <Page title={t('pages.logins')} lead={t('logins.lead')}>
      <LoginList allUsers />
    </Page>
  );
}
