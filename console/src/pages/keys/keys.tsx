import { Alert, Badge, Code, Group, Skeleton, Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { apiUrl } from '../../api/address';
import { useServerDocument } from '../../api/use-server-document';
import { Dependencies } from '../../components/dependencies';
import { FailureAlert } from '../../components/failure-alert';
import { Page } from '../../components/page';
import { Section } from '../../components/section';

import { KongStatus } from './kong-status';

interface KeySet {
  keys: Record<'kid' | 'kty' | 'alg' | 'use' | 'crv', string | undefined>[];
}

export function Keys() {
  const { t } = useTranslation();
  const { data, error, reload } = useServerDocument<KeySet>('.well-known/jwks.json');
  return (
    <Page title={t('pages.keys')} lead={t('keys.lead')}>
      <Section title={t('keys.jwks')} lead={t('keys.jwksLead')}>
        <FailureAlert error={error} onRetry={reload} />
        {!data && !error && <Skeleton height={60} />}
        {data?.keys.length === 0 && <Alert color="blue">{t('keys.none')}</Alert>}
        {!!data?.keys.length && (
          <Table.ScrollContainer minWidth={420}>
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th scope="col">kid</Table.Th>
                  <Table.Th scope="col">{t('keys.type')}</Table.Th>
                  <Table.Th scope="col">{t('keys.algorithm')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {data.keys.map(({ kid, kty, crv, alg }) => (
                  <Table.Tr key={kid}>
                    <Table.Td>
                      <Code>{kid}</Code>
                    </Table.Td>
                    <Table.Td>{[kty, crv].filter(Boolean).join(' ')}</Table.Td>
                    <Table.Td>
                      <Badge variant="light" tt="none">
                        {alg}
                      </Badge>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
        <Group mt="sm">
          <Text size="xs" c="dimmed" className="break-anywhere">
            {apiUrl('.well-known/jwks.json')}
          </Text>
        </Group>
      </Section>
      <KongStatus />
      <Dependencies />
    </Page>
  );
}
