import { useMutation } from '@apollo/client/react';
import { Button, Modal, Stack, Textarea, TextInput } from '@mantine/core';
import { isNotEmpty } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { FailureAlert } from '../../components/failure-alert';
import { useApiForm } from '../../components/use-api-form';
import { AddPermissionDocument } from '../../generated/operations';

interface NewPermissionProps {
  isOpen: boolean;
  onClose(): void;
  onSaved(): void;
}

export function NewPermission(props: NewPermissionProps) {
  const { t } = useTranslation();
  const { isOpen, onClose } = props;
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={t('roles.newPermission')}
      closeButtonProps={{ 'aria-label': t('form.close') }}
    >
      <PermissionForm {...props} />
    </Modal>
  );
}

function PermissionForm({ onClose, onSaved }: NewPermissionProps) {
  const { t } = useTranslation();
  const [create] = useMutation(AddPermissionDocument);
  const { form, onSubmit, error } = useApiForm({
    draft: 'permission',
    initialValues: { name: '', description: '' },
    validate: { name: isNotEmpty(t('form.required')) },
    submit: async ({ name, description }) => {
      await create({ variables: { input: { name, description: description || null } } });
      notifications.show({ message: t('form.saved'), color: 'teal' });
      onClose();
      onSaved();
    },
  });
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        <FailureAlert error={error} />
        <TextInput label={t('field.name')} required {...form.getInputProps('name')} />
        <Textarea label={t('field.description')} autosize minRows={2} {...form.getInputProps('description')} />
        <Button type="submit" loading={form.submitting}>
          {t('form.save')}
        </Button>
      </Stack>
    </form>
  );
}
