/** Numbers that Prometheus reads. Source: the text format of Prometheus, version 0.0.4. */
export interface Metrics {
  /** Adds to a counter. */
  count(name: string, labels?: Labels, by?: number): void
  /** Sets a gauge; labels that it had before are gone. */
  set(name: string, value: number, labels?: Labels): void
  /** Takes a duration into a histogram, in seconds. */
  observe(name: string, seconds: number): void
  text(): string
}

export type Labels = Readonly<Record<string, string>>

/** What each number says, by its name. */
export type MetricHelp = Readonly<Record<string, string>>

const bounds: readonly number[] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 2.5, 10]

/** Keeps numbers, all of which have a help. */
export function metrics(help: MetricHelp): Metrics {
  const counters = new Map<string, Map<string, number>>()
  const gauges = new Map<string, { readonly labels: string; readonly value: number }>()
  const histograms = new Map<string, { readonly counts: number[]; sum: number; count: number }>()
  return {
    count: (name, labels = {}, by = 1) => {
      const series = counters.get(name) ?? new Map<string, number>()
      counters.set(name, series)
      const key = labelsText(labels)
      series.set(key, (series.get(key) ?? 0) + by)
    },
    set: (name, value, labels = {}) => {
      gauges.set(name, { labels: labelsText(labels), value })
    },
    observe: (name, seconds) => {
      const into = histograms.get(name) ?? { counts: bounds.map(() => 0), sum: 0, count: 0 }
      histograms.set(name, into)
      for (const [i, bound] of bounds.entries())
        if (seconds <= bound) into.counts[i] = (into.counts[i] ?? 0) + 1
      into.sum += seconds
      into.count++
    },
    text: () =>
      Object.entries(help)
        .map(([name, says]) => `# HELP ${name} ${says}\n${seriesOf(name)}`)
        .join(''),
  }

  function seriesOf(name: string): string {
    const counter = counters.get(name)
    if (counter !== undefined)
      return `# TYPE ${name} counter\n${[...counter].map(([labels, value]) => `${name}${labels} ${value}\n`).join('')}`
    const gauge = gauges.get(name)
    if (gauge !== undefined) return `# TYPE ${name} gauge\n${name}${gauge.labels} ${gauge.value}\n`
    const histogram = histograms.get(name)
    if (histogram === undefined) return ''
    const { counts, sum, count } = histogram
    const buckets = bounds.map((bound, i) => `${name}_bucket{le="${bound}"} ${counts[i] ?? 0}\n`).join('')
    return `# TYPE ${name} histogram\n${buckets}${name}_bucket{le="+Inf"} ${count}\n${name}_sum ${sum}\n${name}_count ${count}\n`
  }
}

function labelsText(labels: Labels): string {
  const entries = Object.entries(labels)
  if (entries.length === 0) return ''
  return `{${entries.map(([name, value]) => `${name}="${escaped(value)}"`).join(',')}}`
}

const escaped = (value: string): string =>
  /[\\"\n]/.test(value)
    ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
    : value
