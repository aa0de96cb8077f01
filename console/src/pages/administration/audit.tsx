import { Badge } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { AuditList } from '../../components/audit-list';
import { Page } from '../../components/page';

export function Audit() {
  const { t } = useTranslation();
  return (
    <Page
      title={t('pages.audit')}
      lead={t('audit.lead')}
      actions={
        <Badge color="teal" variant="dot" tt="none">
          {t('audit.live')}
        </Badge>
      }
    >
      <AuditList />
    </Page>
  );
}
