import { useMutation } from '@apollo/client/react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../../components/use-action';
import { useConfirm } from '../../components/use-confirm';
import {
  AddRolePermissionDocument,
  type RoleMatrixQuery,
  TakeRolePermissionDocument,
} from '../../generated/operations';

type Role = NonNullable<RoleMatrixQuery['roles']>[number];

/** Grants a permission to a role at once, or asks before it is revoked. */
export function useRolePermission() {
  const { t } = useTranslation();
  const act = useAction();
  const confirm = useConfirm();
  const [grant] = useMutation(AddRolePermissionDocument);
  const [revoke] = useMutation(TakeRolePermissionDocument);

  return (role: Role, permission: string): void => {
    const subject = { role: role.name, permission };
    const variables = { input: subject };
    const added = { __typename: 'Permission' as const, name: permission };
    const granted = { ...role, permissions: [...role.permissions, added] };
    const optimisticResponse = { grantPermission: { __typename: 'RolePayload' as const, role: granted } };
    if (!role.permissions.some(({ name }) => name === permission))
      void act(() => grant({ variables, optimisticResponse }), t('roles.granted', subject));
    else
      confirm({
        title: t('roles.revokeTitle', subject),
        consequence: t('roles.revokeConsequence', subject),
        action: t('roles.revoke'),
        onConfirm: () => void act(() => revoke({ variables }), t('roles.revoked', subject)),
      });
  };
}
