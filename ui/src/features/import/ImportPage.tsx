/** Bringing a spreadsheet in, in four steps: the file, its columns, a check of every row, the result. */
import { Steps } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CheckStep } from './CheckStep';
import { ColumnsStep } from './ColumnsStep';
import { FileStep } from './FileStep';
import { goTo, reachable, type Step, useFlow, watch } from './flow';
import { ProgressView } from './ProgressView';
import { ResultStep } from './ResultStep';

const STEPS: Step[] = ['file', 'columns', 'check', 'result'];

/** A run that is over sooner is not announced: the screen would only flicker. */
const PATIENCE = 250;

function useLasting(running: boolean): boolean {
  const [lasting, setLasting] = useState(false);
  useEffect(() => {
    if (!running) {
      setLasting(false);
      return;
    }
    const timer = setTimeout(() => setLasting(true), PATIENCE);
    return () => clearTimeout(timer);
  }, [running]);
  return running && lasting;
}

export function ImportPage() {
  const { t } = useTranslation();
  const flow = useFlow();
  const { working, opened, planned, result } = flow;
  const step = opened ? flow.step : 'file';
  const running = working !== null && working.kind !== 'opening';
  const lasting = useLasting(running);
  useEffect(() => {
    watch(true);
    return () => watch(false);
  }, []);

  // What is read aloud and where Tab goes on follow the step.
  const body = useRef<HTMLDivElement>(null);
  const shown = useRef(step);
  useEffect(() => {
    if (shown.current === step) return;
    shown.current = step;
    body.current?.focus({ preventScroll: true });
  }, [step]);

  const open = reachable(flow);
  const at = lasting && working?.kind === 'planning' ? 'check' : step;
  return (
    <section className="list import" data-testid="import" aria-label={t('imports.title')}>
      <header className="import-head">
        <h1>{t('imports.title')}</h1>
        <Steps
          size="small"
          current={STEPS.indexOf(at)}
          aria-label={t('imports.stepsLabel')}
          onChange={(index) => goTo(STEPS[index] ?? 'file')}
          items={STEPS.map((key) => ({
            title: t(`imports.steps.${key}`),
            disabled: !open.includes(key),
          }))}
        />
      </header>
      <div className="import-body" ref={body} tabIndex={-1} inert={running && !lasting} data-step={at}>
        {lasting && working ? (
          <ProgressView working={working} />
        ) : step === 'columns' && opened ? (
          <ColumnsStep opened={opened} />
        ) : step === 'check' && opened && planned ? (
          <CheckStep opened={opened} planned={planned} />
        ) : step === 'result' && opened && result ? (
          <ResultStep opened={opened} result={result} />
        ) : (
          <FileStep />
        )}
      </div>
    </section>
  );
}
