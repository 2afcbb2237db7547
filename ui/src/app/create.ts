/** Making records from anywhere; an entity may have a quicker way of its own than the plain form. */
import type { FieldValues } from '../transport/contract';
import { newRecord } from './panels';

export interface CreateRequest {
  preset?: FieldValues;
  titles?: Record<string, string>;
}

type Creator = (request: CreateRequest) => void;
const creators = new Map<string, Creator>();

/** Kinds of record that the 新建 menu offers, in its order. */
export const CREATABLE = ['customer', 'contact', 'opportunity', 'interaction', 'reminder'] as const;

export function hasCreator(entity: string, create: Creator): void {
  creators.set(entity, create);
}

export function createRecord(entity: string, request: CreateRequest = {}): void {
  const own = creators.get(entity);
  if (own) own(request);
  else newRecord(entity, request);
}
