import { useMutation } from '@apollo/client/react';
import { Button, Modal, Stack, Text, TextInput } from '@mantine/core';
import { isEmail } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useHasScope } from 'graphql-identity-client/react';
import { useTranslation } from 'react-i18next';
import { FailureAlert } from '../../components/failure-alert';
import { useApiForm } from '../../components/use-api-form';
import { SendInvitationDocument } from '../../generated/operations';
import { RolesInput } from './roles-input';

interface DialogProps {
  isOpen: boolean;
  onClose(): void;
}

export function InviteUser({ isOpen, onClose }: DialogProps) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={t('users.invite')}
      closeButtonProps={{ 'aria-label': t('form.close') }}
    >
      <InviteForm onClose={onClose} />
    </Modal>
  );
}

function InviteForm({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const canAssign = useHasScope('ASSIGN_ROLE');
  const [invite] = useMutation(SendInvitationDocument);
  const { form, onSubmit, error } = useApiForm({
    draft: 'invitation',
    initialValues: { email: '', roles: [] as string[] },
    validate: { email: isEmail(t('form.email')) },
    submit: async ({ email, roles }) => {
      await invite({ variables: { input: { email, ...(roles.length > 0 && { roles }) } } });
      notifications.show({ message: t('users.invited', { email }), color: 'teal' });
      onClose();
    },
  });
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        <Text size="sm" c="dimmed">
          {t('users.inviteLead')}
        </Text>
        <FailureAlert error={error} />
        <TextInput label={t('field.email')} type="email" required {...form.getInputProps('email')} />
        {canAssign && <RolesInput {...form.getInputProps('roles')} />}
        <Button type="submit" loading={form.submitting}>
          {t('users.invite')}
        </Button>
      </Stack>
    </form>
  );
}
