import { NativeSelect } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { changeLanguage, currentLanguage, type Language, languages } from '../i18n/i18n';

export function LanguageSelect() {
  const { t } = useTranslation();
  return (
    <NativeSelect
      size="xs"
      variant="unstyled"
      w={100}
      aria-label={t('shell.language')}
      value={currentLanguage()}
      data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
      onChange={({ currentTarget }) => void changeLanguage(currentTarget.value as Language)}
    />
  );
}
