/** Tools of what runs and watches: Actions, checks, notifications, security alerts. */
import type { ToolDefinition } from '../define.ts';
import { actionsGet } from './actions-get.ts';
import { actionsList } from './actions-list.ts';
import { actionsRunTrigger } from './actions-run-trigger.ts';
import { dismissNotification } from './dismiss-notification.ts';
import { getCodeScanningAlert } from './get-code-scanning-alert.ts';
import { getDependabotAlert } from './get-dependabot-alert.ts';
import { getJobLogs } from './get-job-logs.ts';
import { getNotificationDetails } from './get-notification-details.ts';
import { getSecretScanningAlert } from './get-secret-scanning-alert.ts';
import { listCodeScanningAlerts } from './list-code-scanning-alerts.ts';
import { listDependabotAlerts } from './list-dependabot-alerts.ts';
import { listNotifications } from './list-notifications.ts';
import { listSecretScanningAlerts } from './list-secret-scanning-alerts.ts';
import { markAllNotificationsRead } from './mark-all-notifications-read.ts';
import { waitForChecks } from './wait-for-checks.ts';
import { waitForWorkflowRun } from './wait-for-workflow-run.ts';

export const operationTools = [
  actionsList,
  actionsGet,
  getJobLogs,
  actionsRunTrigger,
  waitForWorkflowRun,
  waitForChecks,
  listNotifications,
  getNotificationDetails,
  dismissNotification,
  markAllNotificationsRead,
  listCodeScanningAlerts,
  getCodeScanningAlert,
  listSecretScanningAlerts,
  getSecretScanningAlert,
  listDependabotAlerts,
  getDependabotAlert,
] as unknown as readonly ToolDefinition[];
