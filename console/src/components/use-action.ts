import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { failureOf } from '../api/errors';

/** Runs a change and says how it went; true when it was done. */
export function useAction() {
  const { t } = useTranslation();
  return async (change: () => Promise<unknown>, done: string): Promise<boolean> => {
    try {
      await change();
      notifications.show({ message: done, color: 'teal' });
      return true;
    } catch (error) {
      const { code, message } = failureOf(error);
      notifications.show({ message: code === 'NETWORK' ? t('state.unreachable') : message, color: 'red' });
      return false;
    }
  };
}
