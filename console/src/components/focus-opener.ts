/**
 * Before a dialog opens from a menu, whose items are about to go: the dialog gives the focus back to
 * the button of the menu.
 */
export function focusOpener(): void {
  const menu = document.activeElement?.closest('[role=menu]');
  if (menu) document.querySelector<HTMLElement>(`[aria-controls="${menu.id}"]`)?.focus();
}
