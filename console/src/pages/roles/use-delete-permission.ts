import { useMutation } from '@apollo/client/react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../../components/use-action';
import { useConfirm } from '../../components/use-confirm';
import { DeletePermissionDocument, RoleMatrixDocument } from '../../generated/operations';
import { operationsOf } from './operations-of';

/** Asks before a permission is deleted, and says who loses it and which operations need it. */
export function useDeletePermission() {
  const { t } = useTranslation();
  const act = useAction();
  const confirm = useConfirm();
  const [remove] = useMutation(DeletePermissionDocument, { refetchQueries: [RoleMatrixDocument] });

  return (name: string, roleCount: number): void => {
    const operations = operationsOf(name).join(', ');
    const needed = operations ? [t('roles.deletePermissionNeeded', { operations })] : [];
    confirm({
      title: t('roles.deletePermissionTitle', { name }),
      consequence: [t('roles.deletePermission', { count: roleCount }), ...needed].join(' '),
      action: t('roles.delete'),
      onConfirm: () =>
        void act(() => remove({ variables: { input: { name } } }), t('roles.permissionDeleted', { name })),
    });
  };
}
