import operations from 'virtual:operations';
import { Badge, Code, Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

const colors = { query: 'brand', mutation: 'grape', subscription: 'teal' };

/** What each operation needs; the descriptions are those of the schema, which are in English. */
export function OperationTable() {
  const { t } = useTranslation();
  return (
    <Table.ScrollContainer
      minWidth={640}
      scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': t('roles.operations'), role: 'region' } }}
    >
      <Table withTableBorder highlightOnHover aria-label={t('roles.operations')}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{t('roles.operation')}</Table.Th>
            <Table.Th scope="col">{t('roles.needs')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody lang="en">
          {operations.map(({ kind, name, description, access }) => (
            <Table.Tr key={`${kind} ${name}`}>
              <Table.Td>
                <Code>{name}</Code>{' '}
                <Badge size="xs" variant="light" tt="none" color={colors[kind]}>
                  {kind}
                </Badge>
                <Text size="xs" c="dimmed">
                  {description}
                </Text>
              </Table.Td>
              <Table.Td>
                <Text size="sm" className="sentence">
                  {access}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
