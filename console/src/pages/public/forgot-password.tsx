import { useMutation } from '@apollo/client/react';
import { Anchor, Button, PasswordInput, PinInput, Stack, Text, TextInput } from '@mantine/core';
import { isEmail, isNotEmpty } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'react-router';
import { FailureAlert } from '../../components/failure-alert';
import { PublicPage } from '../../components/public-page';
import { useApiForm } from '../../components/use-api-form';
import { RequestPasswordResetDocument, ResetPasswordDocument } from '../../generated/operations';
import { DoneNotice } from './done-notice';

type Step = { name: 'address' } | { name: 'code'; email: string } | { name: 'done' };

/** The link of the mail carries the address in its fragment. */
function firstStep(hash: string): Step {
  const email = new URLSearchParams(`email=${hash.slice(1)}`).get('email');
  return email ? { name: 'code', email } : { name: 'address' };
}

/** A code by e-mail, and a new password with it. */
export function ForgotPassword() {
  const { t } = useTranslation();
  const { hash } = useLocation();
  const [step, setStep] = useState<Step>(() => firstStep(hash));
  const email = step.name === 'code' ? step.email : '';
  const lead = { address: t('forgot.lead'), code: t('forgot.codeLead', { email }), done: undefined }[step.name];
  return (
    <PublicPage title={t('forgot.title')} lead={lead}>
      {step.name === 'address' && <AddressForm onSent={(email) => setStep({ name: 'code', email })} />}
      {step.name === 'code' && <CodeForm email={step.email} onDone={() => setStep({ name: 'done' })} />}
      {step.name === 'done' && <DoneNotice text={t('forgot.done')} />}
      {step.name !== 'done' && (
        <Anchor component={Link} to="/sign-in" size="sm" mt="md" display="block">
          {t('signIn.back')}
        </Anchor>
      )}
    </PublicPage>
  );
}

function AddressForm({ onSent }: { onSent(email: string): void }) {
  const { t } = useTranslation();
  const [request] = useMutation(RequestPasswordResetDocument);
  const { form, onSubmit, error } = useApiForm({
    initialValues: { email: '' },
    validate: { email: isEmail(t('form.email')) },
    submit: async ({ email }) => {
      await request({ variables: { input: { email } } });
      onSent(email);
    },
  });
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        <FailureAlert error={error} />
        <TextInput label={t('field.email')} type="email" autoComplete="email" {...form.getInputProps('email')} />
        <Button type="submit" loading={form.submitting}>
          {t('forgot.send')}
        </Button>
      </Stack>
    </form>
  );
}

function CodeForm({ email, onDone }: { email: string; onDone(): void }) {
  const { t } = useTranslation();
  const [reset] = useMutation(ResetPasswordDocument);
  const { form, onSubmit, error } = useApiForm({
    initialValues: { code: '', newPassword: '' },
    validate: {
      code: (code) => (code.length === 6 ? null : t('form.required')),
      newPassword: isNotEmpty(t('form.required')),
    },
    submit: async ({ code, newPassword }) => {
      await reset({ variables: { input: { email, code, newPassword } } });
      onDone();
    },
  });
  const { error: codeError, ...codeProps } = form.getInputProps('code');
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        <FailureAlert error={error} />
        <Text size="sm" fw={500} id="code-label">
          {t('forgot.code')}
        </Text>
        <PinInput
          length={6}
          type="number"
          oneTimeCode
          aria-labelledby="code-label"
          getInputProps={(index) => ({ 'aria-label': t('forgot.digit', { number: index + 1 }) })}
          error={!!codeError}
          {...codeProps}
        />
        {codeError && (
          <Text size="xs" c="var(--mantine-color-error)" role="alert">
            {codeError}
          </Text>
        )}
        <PasswordInput
          label={t('field.newPassword')}
          autoComplete="new-password"
          {...form.getInputProps('newPassword')}
        />
        <Button type="submit" loading={form.submitting}>
          {t('security.changePassword')}
        </Button>
      </Stack>
    </form>
  );
}
