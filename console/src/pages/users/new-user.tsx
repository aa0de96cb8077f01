import { useMutation } from '@apollo/client/react';
import { Button, Modal, PasswordInput, Stack, TextInput } from '@mantine/core';
import { isNotEmpty } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useHasScope } from 'graphql-identity-client/react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { FailureAlert } from '../../components/failure-alert';
import { useApiForm } from '../../components/use-api-form';
import { AddUserDocument } from '../../generated/operations';
import { RolesInput } from './roles-input';

interface DialogProps {
  isOpen: boolean;
  onClose(): void;
}

export function NewUser({ isOpen, onClose }: DialogProps) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={t('users.create')}
      closeButtonProps={{ 'aria-label': t('form.close') }}
    >
      <NewUserForm onClose={onClose} />
    </Modal>
  );
}

function NewUserForm({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const canAssign = useHasScope('ASSIGN_ROLE');
  const [create] = useMutation(AddUserDocument);
  const required = isNotEmpty(t('form.required'));
  const { form, onSubmit, error } = useApiForm({
    initialValues: { username: '', email: '', password: '', roles: [] as string[] },
    validate: { username: required, password: required },
    submit: async ({ username, email, password, roles }) => {
      const input = { username, password, email: email || null, ...(roles.length > 0 && { roles }) };
      const { data } = await create({ variables: { input } });
      notifications.show({ message: t('users.created', { username }), color: 'teal' });
      onClose();
      void navigate(`/users/${data?.createUser?.user.id}`);
    },
  });
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        <FailureAlert error={error} />
        <TextInput label={t('field.username')} required autoComplete="off" {...form.getInputProps('username')} />
        <TextInput label={t('field.email')} type="email" autoComplete="off" {...form.getInputProps('email')} />
        <PasswordInput
          label={t('field.password')}
          required
          autoComplete="new-password"
          {...form.getInputProps('password')}
        />
        {canAssign && <RolesInput {...form.getInputProps('roles')} />}
        <Button type="submit" loading={form.submitting}>
          {t('users.create')}
        </Button>
      </Stack>
    </form>
  );
}
