/** The sides of the sync, each a tab of its page. */
export const SYNC_TABS = ['outbox', 'attention', 'conflicts', 'log', 'check'] as const;
export type SyncTab = (typeof SYNC_TABS)[number];
