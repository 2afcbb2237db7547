/**
 * What a person has changed in a form, apart from what the record says. Newer values of the record come
 * into every field that nobody touched, and only touched fields are sent: saving never puts back what a
 * colleague, an import or another window has changed meanwhile.
 */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { FieldValues, JsonValue } from '../../transport/contract';

export interface Draft {
  values: FieldValues;
  /** Keys whose value differs from the record's by a person's hand. */
  touched: ReadonlySet<string>;
}

const same = (a: JsonValue | undefined, b: JsonValue | undefined) =>
  JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

export function useDraft(initial: FieldValues) {
  const [draft, setDraft] = useState<Draft>({ values: initial, touched: new Set() });
  const latest = useRef(draft);
  const baseline = useRef(initial);

  const put = useCallback((next: Draft) => {
    latest.current = next;
    setDraft(next);
  }, []);

  useEffect(() => {
    if (baseline.current === initial) return;
    baseline.current = initial;
    const { values, touched } = latest.current;
    const kept = [...touched].filter((key) => !same(values[key], initial[key]));
    put({
      values: { ...initial, ...Object.fromEntries(kept.map((key) => [key, values[key] ?? null])) },
      touched: new Set(kept),
    });
  }, [initial, put]);

  const change = useCallback(
    (edit: FieldValues) => {
      const touched = new Set(latest.current.touched);
      for (const [key, value] of Object.entries(edit)) {
        if (same(value, baseline.current[key])) touched.delete(key);
        else touched.add(key);
      }
      put({ values: { ...latest.current.values, ...edit }, touched });
    },
    [put],
  );

  return { draft, latest, change };
}
