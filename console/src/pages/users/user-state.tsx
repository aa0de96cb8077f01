import { Badge } from '@mantine/core';
import { useTranslation } from 'react-i18next';

export function UserState({ isActive }: { isActive: boolean }) {
  const { t } = useTranslation();
  return (
    <Badge variant="light" color={isActive ? 'teal' : 'red'} tt="none">
      {isActive ? t('users.active') : t('users.disabled')}
    </Badge>
  );
}
