import { useTranslation } from 'react-i18next';
import { Page } from '../../components/page';

export function Overview() {
  const { t } = useTranslation();
  return <Page title={t('pages.overview')}>{null}</Page>;
}
