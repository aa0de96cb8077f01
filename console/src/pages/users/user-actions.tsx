import { useApolloClient, useMutation } from '@apollo/client/react';
import { Button, Menu } from '@mantine/core';
import { KebabHorizontalIcon } from '@primer/octicons-react';
import { useHasScope } from 'graphql-identity-client/react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { useAction } from '../../components/use-action';
import { useConfirm } from '../../components/use-confirm';
import {
  DeleteUserDocument,
  DisableAccountDocument,
  EnableAccountDocument,
  type UserDetailQuery,
} from '../../generated/operations';

type User = NonNullable<UserDetailQuery['user']>;

export function UserActions({ user }: { user: User }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { cache } = useApolloClient();
  const act = useAction();
  const confirm = useConfirm();
  const canDisable = useHasScope('DISABLE_USER');
  const canDelete = useHasScope('DELETE_USER');
  const [disable] = useMutation(DisableAccountDocument);
  const [enable] = useMutation(EnableAccountDocument);
  const [remove] = useMutation(DeleteUserDocument);
  const { id, username, isActive } = user;
  const variables = { input: { id } };
  if (!canDisable && !canDelete) return null;

  const askDisable = () =>
    confirm({
      title: t('user.disableTitle', { username }),
      consequence: t('user.disableConsequence'),
      action: t('user.disable'),
      onConfirm: () => void act(() => disable({ variables }), t('user.disabled', { username })),
    });

  const askDelete = () =>
    confirm({
      title: t('user.deleteTitle', { username }),
      consequence: t('user.deleteConsequence'),
      action: t('user.delete'),
      onConfirm: async () => {
        const isDone = await act(() => remove({ variables }), t('user.deleted', { username }));
        if (!isDone) return;
        await navigate('/users', { replace: true });
        cache.evict({ id: cache.identify({ __typename: 'User', id }) });
      },
    });

  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" rightSection={<KebabHorizontalIcon />}>
          {t('user.actions')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {canDisable && isActive && <Menu.Item onClick={askDisable}>{t('user.disable')}</Menu.Item>}
        {canDisable && !isActive && (
          <Menu.Item onClick={() => void act(() => enable({ variables }), t('user.enabled', { username }))}>
            {t('user.enable')}
          </Menu.Item>
        )}
        {canDelete && (
          <Menu.Item color="red" onClick={askDelete}>
            {t('user.delete')}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
