import { Text, Tooltip } from '@mantine/core';
import { useFormat } from '../i18n/format';

/** A time as people say it; the exact one in a tooltip. */
export function Moment({ at }: { at: string | null | undefined }) {
  const { ago, dateTime } = useFormat();
  if (!at)
    return (
      <Text span size="sm" c="dimmed">
        —
      </Text>
    );
  return (
    <Tooltip label={dateTime(at)} events={{ hover: true, focus: true, touch: true }}>
      <Text span size="sm" component="time" dateTime={at} style={{ whiteSpace: 'nowrap' }}>
        {ago(at)}
      </Text>
    </Tooltip>
  );
}
