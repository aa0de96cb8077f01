import { Anchor, Center, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Center component="main" mih="70dvh" p="md">
      <Stack align="center" gap="sm">
        <Title order={1}>{t('error.notFoundTitle')}</Title>
        <Text c="dimmed">{t('error.notFound')}</Text>
        <Anchor component={Link} to="/">
          {t('error.toStart')}
        </Anchor>
      </Stack>
    </Center>
  );
}
