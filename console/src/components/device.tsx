import { Text, Tooltip } from '@mantine/core';
import Bowser from 'bowser';
import { useTranslation } from 'react-i18next';

/** Browser and system of a User-Agent, which is in the tooltip. */
export function Device({ userAgent }: { userAgent: string | null }) {
  const { t } = useTranslation();
  if (!userAgent)
    return (
      <Text span size="sm" c="dimmed">
        {t('device.unknown')}
      </Text>
    );
  const { browser, os } = Bowser.parse(userAgent);
  const name = browser.name && os.name ? t('device.on', { browser: browser.name, system: os.name }) : userAgent;
  return (
    <Tooltip label={userAgent} multiline maw={360} events={{ hover: true, focus: true, touch: true }}>
      <Text span size="sm" truncate display="block" w="max-content" maw={220}>
        {name}
      </Text>
    </Tooltip>
  );
}
