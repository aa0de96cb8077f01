import { Button, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

interface FormActionsProps {
  isDirty: boolean;
  isSubmitting: boolean;
  onDiscard(): void;
  label?: string;
}

/** The end of a form that changes something: save, or discard what was not saved. */
export function FormActions({ isDirty, isSubmitting, onDiscard, label }: FormActionsProps) {
  const { t } = useTranslation();
  return (
    <Group justify="space-between">
      <Text size="sm" c="dimmed" role="status">
        {isDirty ? t('form.unsaved') : ''}
      </Text>
      <Group gap="xs">
        {isDirty && (
          <Button variant="default" onClick={onDiscard}>
            {t('form.discard')}
          </Button>
        )}
        <Button type="submit" loading={isSubmitting} disabled={!isDirty}>
          {label ?? t('form.save')}
        </Button>
      </Group>
    </Group>
  );
}
