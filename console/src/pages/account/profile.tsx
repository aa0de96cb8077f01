import { useMutation, useQuery } from '@apollo/client/react';
import { Alert, Button, Group, SimpleGrid, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { FailureAlert } from '../../components/failure-alert';
import { FormActions } from '../../components/form-actions';
import { Page } from '../../components/page';
import { RoleBadges } from '../../components/role-badges';
import { Section } from '../../components/section';
import { useAction } from '../../components/use-action';
import { useApiForm } from '../../components/use-api-form';
import {
  AccountDocument,
  type AccountQuery,
  RequestEmailVerificationDocument,
  SaveProfileDocument,
  SaveUserDocument,
} from '../../generated/operations';

type Account = NonNullable<AccountQuery['me']>;

export function Profile() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(AccountDocument);
  const account = data?.me;
  return (
    <Page title={t('pages.profile')} lead={t('profile.lead')}>
      <FailureAlert error={error} onRetry={() => void refetch()} />
      {!account && !error && <Skeleton height={280} />}
      {account && (
        <>
          <Unverified account={account} />
          <ProfileForm account={account} />
          <Section title={t('field.roles')} lead={t('profile.rolesLead')}>
            {account.roles.length > 0 ? (
              <RoleBadges roles={account.roles} />
            ) : (
              <Text size="sm">{t('user.noRoles')}</Text>
            )}
          </Section>
        </>
      )}
    </Page>
  );
}

function Unverified({ account }: { account: Account }) {
  const { t } = useTranslation();
  const act = useAction();
  const [request] = useMutation(RequestEmailVerificationDocument);
  if (account.isVerified || !account.email) return null;
  return (
    <Alert color="yellow" title={t('profile.unverifiedTitle')}>
      <Group justify="space-between">
        <Text size="sm">{t('profile.unverified', { email: account.email })}</Text>
        <Button size="xs" variant="default" onClick={() => void act(() => request(), t('profile.verificationSent'))}>
          {t('profile.sendVerification')}
        </Button>
      </Group>
    </Alert>
  );
}

function ProfileForm({ account }: { account: Account }) {
  const { t } = useTranslation();
  const [saveUser] = useMutation(SaveUserDocument);
  const [saveProfile] = useMutation(SaveProfileDocument);
  const { form, onSubmit, error, discard } = useApiForm({
    draft: 'profile',
    initialValues: {
      firstName: account.firstName ?? '',
      lastName: account.lastName ?? '',
      fullName: account.profile?.fullName ?? '',
      phone: account.phone ?? '',
      dob: account.dob ?? '',
    },
    submit: async ({ fullName, dob, ...values }) => {
      await saveUser({ variables: { input: { id: account.id, ...values, dob: dob || null } } });
      await saveProfile({ variables: { input: { fullName } } });
      notifications.show({ message: t('form.saved'), color: 'teal' });
    },
  });
  return (
    <Section title={t('user.data')}>
      <form onSubmit={onSubmit} noValidate>
        <Stack>
          <FailureAlert error={error} />
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <TextInput label={t('field.username')} value={account.username} disabled />
            <TextInput label={t('field.fullName')} autoComplete="name" {...form.getInputProps('fullName')} />
            <TextInput label={t('field.firstName')} autoComplete="given-name" {...form.getInputProps('firstName')} />
            <TextInput label={t('field.lastName')} autoComplete="family-name" {...form.getInputProps('lastName')} />
            <TextInput label={t('field.phone')} type="tel" autoComplete="tel" {...form.getInputProps('phone')} />
            <TextInput label={t('field.dob')} type="date" autoComplete="bday" {...form.getInputProps('dob')} />
          </SimpleGrid>
          <FormActions isDirty={form.isDirty()} isSubmitting={form.submitting} onDiscard={discard} />
        </Stack>
      </form>
    </Section>
  );
}
