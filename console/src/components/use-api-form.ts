import { type FormRulesRecord, useForm } from '@mantine/form';
import { useEffect, useRef, useState } from 'react';
import { failureOf } from '../api/errors';

type Values = Record<string, string | string[]>;

interface ApiFormOptions<V extends Values> {
  /** May change while the form is open: fields that were not touched follow. */
  initialValues: V;
  validate?: FormRulesRecord<V>;
  /** Keeps what was typed under this name until it is saved, also across pages; never for passwords. */
  draft?: string;
  /** Sends the values; an error is shown at its fields, or above the form. */
  submit(values: V): Promise<unknown>;
}

/** Codes of the API that belong to one field. */
const fieldOfCode: Record<string, string[]> = {
  USERNAME_TAKEN: ['username'],
  USERNAME_TOO_SHORT: ['username'],
  EMAIL_TAKEN: ['email'],
  PASSWORD_TOO_SHORT: ['newPassword', 'password'],
  PASSWORD_TOO_COMMON: ['newPassword', 'password'],
  INVALID_CREDENTIALS: ['currentPassword'],
  INVALID_CODE: ['code'],
  AGE_TOO_LOW: ['dob'],
  ROLE_NAME_TAKEN: ['name'],
  PERMISSION_NAME_TAKEN: ['name'],
};

/** A form whose values an operation of the API takes. */
export function useApiForm<V extends Values>({ initialValues, validate, draft, submit }: ApiFormOptions<V>) {
  const [error, setError] = useState<unknown>();
  const storageKey = draft && `console-draft-${draft}`;
  const served = useRef(initialValues);
  const form = useForm<V>({
    initialValues: { ...initialValues, ...(storageKey && readDraft<V>(storageKey)) },
    validate,
    onValuesChange: (values) => {
      if (storageKey)
        writeDraft(
          storageKey,
          fieldsWhere(values, (field) => !isSame(values, served.current, field)),
        );
    },
  });

  const servedText = JSON.stringify(initialValues);
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when the served values have changed
  useEffect(() => {
    const values = form.getValues();
    const untouched = fieldsWhere(initialValues, (field) => isSame(values, served.current, field));
    served.current = initialValues;
    form.setInitialValues(initialValues);
    form.setValues({ ...values, ...untouched }); // all of them: the form compares what it is given
  }, [servedText]);

  const onSubmit = form.onSubmit(async (values) => {
    setError(undefined);
    try {
      await submit(values);
      form.resetDirty();
      if (storageKey) writeDraft(storageKey, {});
    } catch (failed) {
      const { code, message, problems } = failureOf(failed);
      const known = problems.filter(({ field }) => field in initialValues);
      const field = fieldOfCode[code]?.find((name) => name in initialValues);
      const errors = field ? { [field]: message } : Object.fromEntries(known.map((p) => [p.field, p.message]));
      form.setErrors(errors);
      if (Object.keys(errors).length === 0) setError(failed);
    }
  });

  const discard = () => {
    form.setValues(initialValues);
    form.clearErrors();
    setError(undefined);
  };

  return { form, onSubmit, error, discard };
}

const isSame = <V extends Values>(values: V, others: V, field: string): boolean =>
  JSON.stringify(values[field]) === JSON.stringify(others[field]);

const fieldsWhere = <V extends Values>(values: V, isMeant: (field: string) => boolean): Partial<V> =>
  Object.fromEntries(Object.entries(values).filter(([field]) => isMeant(field))) as Partial<V>;

function readDraft<V>(key: string): Partial<V> {
  return JSON.parse(sessionStorage.getItem(key) ?? '{}');
}

/** Keeps the fields that were changed, and nothing when none was. */
function writeDraft(key: string, changed: object): void {
  if (Object.keys(changed).length > 0) sessionStorage.setItem(key, JSON.stringify(changed));
  else sessionStorage.removeItem(key);
}
