import { useMutation } from '@apollo/client/react';
import { Fieldset, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useHasScope, useSession } from 'graphql-identity-client/react';
import { useTranslation } from 'react-i18next';
import { FailureAlert } from '../../components/failure-alert';
import { FormActions } from '../../components/form-actions';
import { Section } from '../../components/section';
import { useApiForm } from '../../components/use-api-form';
import { SaveUserDocument, type UserDetailQuery } from '../../generated/operations';

type User = NonNullable<UserDetailQuery['user']>;

/** Names, address and the like of a user. */
export function UserForm({ user }: { user: User }) {
  const { t } = useTranslation();
  const { user: caller } = useSession();
  const canEdit = useHasScope('UPDATE_USER');
  // an own address is changed in the account, where the password is asked for
  const isOwn = caller?.id === user.id;
  const [save] = useMutation(SaveUserDocument);
  const { id } = user;
  const { form, onSubmit, error, discard } = useApiForm({
    draft: `user-${id}`,
    initialValues: {
      firstName: user.firstName ?? '',
      lastName: user.lastName ?? '',
      email: user.email ?? '',
      phone: user.phone ?? '',
      dob: user.dob ?? '',
    },
    submit: async ({ email, dob, ...values }) => {
      const changes = { ...values, dob: dob || null, ...(!isOwn && { email }) };
      await save({ variables: { input: { id, ...changes } } });
      notifications.show({ message: t('form.saved'), color: 'teal' });
    },
  });
  return (
    <Section title={t('user.data')} mt="lg">
      <form onSubmit={onSubmit} noValidate>
        <Fieldset variant="unstyled" disabled={!canEdit}>
          <Stack>
            <FailureAlert error={error} />
            <SimpleGrid cols={{ base: 1, sm: 2 }}>
              <TextInput label={t('field.firstName')} {...form.getInputProps('firstName')} />
              <TextInput label={t('field.lastName')} {...form.getInputProps('lastName')} />
              <TextInput
                label={t('field.email')}
                type="email"
                disabled={isOwn}
                description={isOwn ? t('user.ownEmail') : undefined}
                {...form.getInputProps('email')}
              />
              <TextInput label={t('field.phone')} type="tel" {...form.getInputProps('phone')} />
              <TextInput label={t('field.dob')} type="date" {...form.getInputProps('dob')} />
            </SimpleGrid>
            {canEdit && <FormActions isDirty={form.isDirty()} isSubmitting={form.submitting} onDiscard={discard} />}
          </Stack>
        </Fieldset>
      </form>
    </Section>
  );
}
