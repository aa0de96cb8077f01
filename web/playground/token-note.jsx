import { useState, useSyncExternalStore } from 'react';

/** Says under the response what `<token>` stands for at the moment. */
export function TokenNote({ lastLogin }) {
  const tokens = useSyncExternalStore(lastLogin.subscribe, lastLogin.current);
  const [copied, setCopied] = useState(null);
  if (!tokens) {
    return (
      <p className="token-note">
        Run <b>Login</b>: its tokens then stand in wherever a header or a variable says <code>&lt;token&gt;</code>
        {' or '}
        <code>&lt;refreshToken&gt;</code>. They are kept in this page's memory only.
      </p>
    );
  }
  const { accessToken, username, expiresAt } = tokens;
  const copy = async () => {
    await navigator.clipboard.writeText(accessToken);
    setCopied(accessToken);
  };
  return (
    <p className="token-note token-note-active">
      <span>
        <code>&lt;token&gt;</code> is the token of {username ? <b>{username}</b> : 'the last login'}
        {expiresAt ? `, valid until ${expiresAt.toLocaleTimeString()}` : ''}
      </span>
      {/* clipboard exists in secure contexts only: https or localhost */}
      {navigator.clipboard && (
        <button type="button" onClick={copy}>
          {copied === accessToken ? 'Copied' : 'Copy token'}
        </button>
      )}
      <button type="button" onClick={() => lastLogin.forget()}>
        Forget
      </button>
    </p>
  );
}
