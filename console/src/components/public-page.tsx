import { Box, Center, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ColorSchemeButton } from '../app/color-scheme-button';
import iconUrl from '../app/icon.svg';
import { LanguageSelect } from '../app/language-select';
import { OfflineNotice } from './offline-notice';

/** The frame of the pages before a sign-in: one card. */
export function PublicPage({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  const { t } = useTranslation();
  useDocumentTitle(`${title} · ${t('shell.product')}`);
  return (
    <Box className="public-page">
      <Group justify="flex-end" p="sm" component="header">
        <LanguageSelect />
        <ColorSchemeButton />
      </Group>
      <Center component="main" px="md" pb="xl">
        <Stack w="100%" maw={420}>
          <OfflineNotice />
          <Group justify="center" gap="xs">
            <img src={iconUrl} alt="" width={36} height={36} />
            <Text size="lg" fw={650}>
              {t('shell.product')}
            </Text>
          </Group>
          <Paper withBorder shadow="sm" p={{ base: 'md', sm: 'xl' }} radius="lg">
            <Title order={1} mb={lead ? 4 : 'md'}>
              {title}
            </Title>
            {lead && (
              <Text c="dimmed" size="sm" mb="md">
                {lead}
              </Text>
            )}
            {children}
          </Paper>
        </Stack>
      </Center>
    </Box>
  );
}
