import { Alert, Button, Stack } from '@mantine/core';
import { CheckCircleIcon } from '@primer/octicons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

/** The end of a way that leads to the sign-in page. */
export function DoneNotice({ text }: { text: string }) {
  const { t } = useTranslation();
  return (
    <Stack>
      <Alert color="teal" icon={<CheckCircleIcon />} role="status">
        {text}
      </Alert>
      <Button component={Link} to="/sign-in">
        {t('signIn.title')}
      </Button>
    </Stack>
  );
}
