import { useMutation } from '@apollo/client/react';
import { Alert, Badge, Button, Code, Group, SimpleGrid, Stack, Table, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FailureAlert } from '../../components/failure-alert';
import { Page } from '../../components/page';
import { Section } from '../../components/section';
import { IntrospectDocument } from '../../generated/operations';
import { useFormat } from '../../i18n/format';
import { decode, visibleRefusal } from './decode';

export function Tokens() {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const [inspected, setInspected] = useState('');
  const [introspect, { data, error, loading }] = useMutation(IntrospectDocument);
  const decoded = decode(inspected);
  const answer = data?.introspect;

  const inspect = () => {
    const token = text.trim().replace(/^bearer\s+/i, '');
    setInspected(token);
    void introspect({ variables: { input: { token } } }).catch(() => undefined); // `error` has it
  };

  return (
    <Page title={t('pages.tokens')} lead={t('tokens.lead')}>
      <Stack>
        <Textarea
          label={t('tokens.token')}
          description={t('tokens.warning')}
          autosize
          minRows={3}
          maxRows={8}
          spellCheck={false}
          autoComplete="off"
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
        />
        <Group>
          <Button onClick={inspect} loading={loading} disabled={text.trim() === ''}>
            {t('tokens.inspect')}
          </Button>
        </Group>
      </Stack>
      <FailureAlert error={error} onRetry={inspect} />
      {inspected && answer && (
        <>
          {answer.active ? (
            <Alert color="teal" title={t('tokens.active')} role="status">
              {t('tokens.activeLead', { username: answer.username ?? answer.sub ?? '—' })}
            </Alert>
          ) : (
            <Alert color="red" title={t('tokens.inactive')} role="status">
              {t(`refusal.${answer.reason ?? visibleRefusal(decoded, Date.now() / 1000)}`)}
            </Alert>
          )}
          {answer.active && answer.scope && (
            <Section title={t('tokens.scopes')} lead={t('tokens.scopesLead')}>
              <Group gap={6}>
                {answer.scope.split(' ').map((scope) => (
                  <Badge key={scope} variant="light" tt="none">
                    {scope}
                  </Badge>
                ))}
              </Group>
            </Section>
          )}
          {decoded && (
            <SimpleGrid cols={{ base: 1, lg: 2 }}>
              <Section title={t('tokens.header')}>
                <Claims claims={decoded.header} />
              </Section>
              <Section title={t('tokens.claims')} lead={t('tokens.claimsLead')}>
                <Claims claims={decoded.claims} />
              </Section>
            </SimpleGrid>
          )}
        </>
      )}
    </Page>
  );
}

const TIMES = new Set(['exp', 'iat', 'nbf', 'auth_time']);

function Claims({ claims }: { claims: Record<string, unknown> }) {
  const { dateTime } = useFormat();
  return (
    <Table layout="fixed">
      <Table.Tbody>
        {Object.entries(claims).map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th scope="row" w={110}>
              <Code>{name}</Code>
            </Table.Th>
            <Table.Td className="break-anywhere">
              {typeof value === 'string' ? value : JSON.stringify(value)}
              {TIMES.has(name) && typeof value === 'number' && (
                <Text size="xs" c="dimmed">
                  {dateTime(new Date(value * 1000).toISOString())}
                </Text>
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
