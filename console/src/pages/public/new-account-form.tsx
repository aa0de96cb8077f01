import { Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { isNotEmpty } from '@mantine/form';
import { useSession } from 'graphql-identity-client/react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { FailureAlert } from '../../components/failure-alert';
import { useApiForm } from '../../components/use-api-form';

interface NewAccountFormProps {
  /** The text of the button. */
  action: string;
  /** Whether an address is asked for. */
  withEmail?: boolean;
  passwordMinLength: number | undefined;
  create(account: { username: string; email: string; password: string }): Promise<unknown>;
}

/** Makes an account, and signs in with it. */
export function NewAccountForm({ action, withEmail = false, passwordMinLength, create }: NewAccountFormProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { login } = useSession();
  const required = isNotEmpty(t('form.required'));
  const { form, onSubmit, error } = useApiForm({
    initialValues: { username: '', email: '', password: '' },
    validate: { username: required, password: required },
    submit: async (account) => {
      await create(account);
      await login(account);
      void navigate('/account', { replace: true });
    },
  });
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        <FailureAlert error={error} />
        <TextInput
          label={t('field.username')}
          autoComplete="username"
          autoCapitalize="none"
          {...form.getInputProps('username')}
        />
        {withEmail && (
          <TextInput label={t('field.email')} type="email" autoComplete="email" {...form.getInputProps('email')} />
        )}
        <PasswordInput
          label={t('field.password')}
          description={passwordMinLength && t('register.atLeast', { count: passwordMinLength })}
          autoComplete="new-password"
          {...form.getInputProps('password')}
        />
        <Button type="submit" loading={form.submitting}>
          {action}
        </Button>
      </Stack>
    </form>
  );
}
