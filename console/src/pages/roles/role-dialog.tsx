import { useMutation } from '@apollo/client/react';
import { Button, Modal, Stack, Textarea, TextInput } from '@mantine/core';
import { isNotEmpty } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { FailureAlert } from '../../components/failure-alert';
import { useApiForm } from '../../components/use-api-form';
import { AddRoleDocument, type RoleMatrixQuery, SaveRoleDocument } from '../../generated/operations';

type Role = NonNullable<RoleMatrixQuery['roles']>[number];

interface RoleDialogProps {
  /** The role to edit; a new one without it. */
  role?: Role;
  isOpen: boolean;
  onClose(): void;
  onSaved?(): void;
}

export function RoleDialog(props: RoleDialogProps) {
  const { t } = useTranslation();
  const { role, isOpen, onClose } = props;
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={role ? role.name : t('roles.newRole')}
      closeButtonProps={{ 'aria-label': t('form.close') }}
    >
      <RoleForm {...props} />
    </Modal>
  );
}

function RoleForm({ role, onClose, onSaved }: RoleDialogProps) {
  const { t } = useTranslation();
  const [create] = useMutation(AddRoleDocument);
  const [save] = useMutation(SaveRoleDocument);
  const { form, onSubmit, error } = useApiForm({
    draft: `role-${role?.name ?? ''}`,
    initialValues: { name: role?.name ?? '', description: role?.description ?? '' },
    validate: { name: isNotEmpty(t('form.required')) },
    submit: async ({ name, description }) => {
      const variables = { input: { name, description: description || null } };
      await (role ? save({ variables }) : create({ variables }));
      notifications.show({ message: t('form.saved'), color: 'teal' });
      onClose();
      onSaved?.();
    },
  });
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        <FailureAlert error={error} />
        {!role && <TextInput label={t('field.name')} required {...form.getInputProps('name')} />}
        <Textarea label={t('field.description')} autosize minRows={2} {...form.getInputProps('description')} />
        <Button type="submit" loading={form.submitting}>
          {t('form.save')}
        </Button>
      </Stack>
    </form>
  );
}
