import { useQuery } from '@apollo/client/react';
import { Button, Skeleton, Tabs } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { PlusIcon } from '@primer/octicons-react';
import { useHasScope } from 'graphql-identity-client/react';
import { useTranslation } from 'react-i18next';
import { FailureAlert } from '../../components/failure-alert';
import { Page } from '../../components/page';
import { RoleMatrixDocument } from '../../generated/operations';
import { NewPermission } from './new-permission';
import { OperationTable } from './operation-table';
import { RoleDialog } from './role-dialog';
import { RoleMatrix } from './role-matrix';

export function Roles() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(RoleMatrixDocument, { errorPolicy: 'all' });
  const canCreateRole = useHasScope('CREATE_ROLE');
  const canCreatePermission = useHasScope('CREATE_PERMISSION');
  const [isAddingRole, roleDialog] = useDisclosure();
  const [isAddingPermission, permissionDialog] = useDisclosure();
  return (
    <Page
      title={t('pages.roles')}
      lead={t('roles.lead')}
      actions={
        <>
          {canCreatePermission && (
            <Button variant="default" onClick={permissionDialog.open}>
              {t('roles.newPermission')}
            </Button>
          )}
          {canCreateRole && (
            <Button leftSection={<PlusIcon />} onClick={roleDialog.open}>
              {t('roles.newRole')}
            </Button>
          )}
        </>
      }
    >
      <FailureAlert error={error} onRetry={() => void refetch()} />
      {!data && !error && <Skeleton height={320} />}
      <Tabs defaultValue="matrix" keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="matrix">{t('roles.matrix')}</Tabs.Tab>
          <Tabs.Tab value="operations">{t('roles.operations')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="matrix">
          {data?.roles && <RoleMatrix roles={data.roles} permissions={data.permissions ?? []} />}
        </Tabs.Panel>
        <Tabs.Panel value="operations">
          <OperationTable />
        </Tabs.Panel>
      </Tabs>
      <RoleDialog isOpen={isAddingRole} onClose={roleDialog.close} onSaved={() => void refetch()} />
      <NewPermission isOpen={isAddingPermission} onClose={permissionDialog.close} onSaved={() => void refetch()} />
    </Page>
  );
}
