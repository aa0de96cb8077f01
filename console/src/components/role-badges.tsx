import { Badge, Group } from '@mantine/core';

export function RoleBadges({ roles }: { roles: readonly { name: string }[] }) {
  return (
    <Group gap={4} wrap="nowrap">
      {roles.map(({ name }) => (
        <Badge key={name} variant="light" tt="none" miw="max-content" color={name === 'ADMIN' ? 'grape' : 'brand'}>
          {name}
        </Badge>
      ))}
    </Group>
  );
}
