import { Box, Table, useComputedColorScheme, useMantineTheme, VisuallyHidden } from '@mantine/core';
import { BarElement, CategoryScale, Chart, Legend, LinearScale, Tooltip } from 'chart.js';
import { Bar } from 'react-chartjs-2';
import { useTranslation } from 'react-i18next';
import { currentLocale } from '../../i18n/i18n';

Chart.register(BarElement, CategoryScale, LinearScale, Legend, Tooltip);

interface LoginChartProps {
  counts: readonly { from: string; succeeded: number; failed: number }[];
  step: 'HOUR' | 'DAY';
}

/** Logins and failures over time; screen readers find the same as a table. */
export function LoginChart({ counts, step }: LoginChartProps) {
  const { t } = useTranslation();
  const { colors } = useMantineTheme();
  const isDark = useComputedColorScheme('light') === 'dark';
  const format = new Intl.DateTimeFormat(
    currentLocale(),
    step === 'HOUR' ? { hour: '2-digit', minute: '2-digit' } : { day: 'numeric', month: 'short', timeZone: 'UTC' },
  );
  const labels = counts.map(({ from }) => format.format(new Date(from)));
  const text = isDark ? colors.dark[1] : colors.gray[7];
  const grid = isDark ? colors.dark[4] : colors.gray[3];
  const series = (label: string, name: 'succeeded' | 'failed', color: string | undefined) => ({
    label,
    data: counts.map((count) => count[name]),
    backgroundColor: color,
    borderRadius: 3,
    maxBarThickness: 28,
  });
  return (
    <>
      <Box h={260} pos="relative" aria-hidden>
        <Bar
          data={{
            labels,
            datasets: [
              series(t('overview.logins'), 'succeeded', colors.teal[isDark ? 5 : 6]),
              series(t('overview.failures'), 'failed', colors.red[isDark ? 5 : 6]),
            ],
          }}
          options={{
            animation: false,
            maintainAspectRatio: false,
            interaction: { mode: 'index', intersect: false },
            plugins: { legend: { labels: { color: text, boxWidth: 12 } } },
            scales: {
              x: { stacked: true, ticks: { color: text, maxRotation: 0 }, grid: { display: false } },
              y: { stacked: true, beginAtZero: true, ticks: { color: text, precision: 0 }, grid: { color: grid } },
            },
          }}
        />
      </Box>
      <VisuallyHidden>
        <Table aria-label={t('overview.chart')}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{t('field.time')}</Table.Th>
              <Table.Th scope="col">{t('overview.logins')}</Table.Th>
              <Table.Th scope="col">{t('overview.failures')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {counts.map(({ from, succeeded, failed }, i) => (
              <Table.Tr key={from}>
                <Table.Th scope="row">{labels[i]}</Table.Th>
                <Table.Td>{succeeded}</Table.Td>
                <Table.Td>{failed}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </VisuallyHidden>
    </>
  );
}
