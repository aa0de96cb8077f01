import { Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { useTranslation } from 'react-i18next';
import { focusOpener } from './focus-opener';

interface Question {
  title: string;
  /** What will happen. */
  consequence: string;
  /** The button that does it. */
  action: string;
  onConfirm(): void;
}

/** Asks before something that cannot be undone. */
export function useConfirm() {
  const { t } = useTranslation();
  return ({ title, consequence, action, onConfirm }: Question): void => {
    focusOpener();
    modals.openConfirmModal({
      title,
      children: <Text size="sm">{consequence}</Text>,
      labels: { confirm: action, cancel: t('form.cancel') },
      confirmProps: { color: 'red' },
      closeButtonProps: { 'aria-label': t('form.close') },
      onConfirm,
    });
  };
}
