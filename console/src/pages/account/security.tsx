import { useMutation, useQuery } from '@apollo/client/react';
import { Badge, Button, Group, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { isEmail, isNotEmpty } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { FailureAlert } from '../../components/failure-alert';
import { Page } from '../../components/page';
import { Section } from '../../components/section';
import { useApiForm } from '../../components/use-api-form';
import { AccountDocument, ChangePasswordDocument, SaveUserDocument } from '../../generated/operations';

export function Security() {
  const { t } = useTranslation();
  return (
    <Page title={t('pages.security')} lead={t('security.lead')}>
      <PasswordForm />
      <EmailForm />
      <Section
        title={t('security.secondFactors')}
        actions={
          <Badge variant="light" color="gray" tt="none">
            {t('security.later')}
          </Badge>
        }
      >
        <Text size="sm" c="dimmed">
          {t('security.secondFactorsLead')}
        </Text>
      </Section>
    </Page>
  );
}

function PasswordForm() {
  const { t } = useTranslation();
  const [change] = useMutation(ChangePasswordDocument);
  const required = isNotEmpty(t('form.required'));
  const { form, onSubmit, error } = useApiForm({
    initialValues: { currentPassword: '', newPassword: '', repeated: '' },
    validate: {
      currentPassword: required,
      newPassword: required,
      repeated: (value, { newPassword }) => (value === newPassword ? null : t('security.differs')),
    },
    submit: async ({ currentPassword, newPassword }) => {
      await change({ variables: { input: { currentPassword, newPassword } } });
      form.reset();
      notifications.show({ message: t('security.passwordChanged'), color: 'teal' });
    },
  });
  return (
    <Section title={t('field.password')} lead={t('security.passwordLead')}>
      <form onSubmit={onSubmit} noValidate>
        <Stack maw={420}>
          <FailureAlert error={error} />
          <PasswordInput
            label={t('field.currentPassword')}
            autoComplete="current-password"
            {...form.getInputProps('currentPassword')}
          />
          <PasswordInput
            label={t('field.newPassword')}
            autoComplete="new-password"
            {...form.getInputProps('newPassword')}
          />
          <PasswordInput
            label={t('field.repeatedPassword')}
            autoComplete="new-password"
            {...form.getInputProps('repeated')}
          />
          <Group justify="flex-end">
            <Button type="submit" loading={form.submitting}>
              {t('security.changePassword')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}

function EmailForm() {
  const { t } = useTranslation();
  const { data } = useQuery(AccountDocument);
  const [save] = useMutation(SaveUserDocument);
  const account = data?.me;
  const { form, onSubmit, error } = useApiForm({
    initialValues: { email: account?.email ?? '', currentPassword: '' },
    validate: { email: isEmail(t('form.email')), currentPassword: isNotEmpty(t('form.required')) },
    submit: async ({ email, currentPassword }) => {
      if (!account) return;
      await save({ variables: { input: { id: account.id, email, currentPassword } } });
      form.setFieldValue('currentPassword', '');
      notifications.show({ message: t('security.emailChanged'), color: 'teal' });
    },
  });
  return (
    <Section title={t('field.email')} lead={t('security.emailLead')}>
      <form onSubmit={onSubmit} noValidate>
        <Stack maw={420}>
          <FailureAlert error={error} />
          <TextInput label={t('field.email')} type="email" autoComplete="email" {...form.getInputProps('email')} />
          <PasswordInput
            label={t('field.currentPassword')}
            autoComplete="current-password"
            {...form.getInputProps('currentPassword')}
          />
          <Group justify="flex-end">
            <Button type="submit" loading={form.submitting}>
              {t('security.changeEmail')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
