/**
 * Athena's two workgroups. People's is enforced: their results land where the lifecycle cleans up, and a query that would read too much is
 * stopped. The engine's is not, because Athena refuses `external_location` in an enforced one; only the functions' roles may use it, and an
 * alarm watches its bytes instead of a cutoff, which would stop a seal halfway.
 */
import { CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import type { Construct } from 'constructs';
import type { AwsConfig } from '../../config-aws.ts';
import { LAKE_FOLDERS } from '../settings.ts';

const GB = 1e9;
const ENGINE = { selectedEngineVersion: 'Athena engine version 3' };

/** Makes both and returns their names. */
export function createWorkgroups(
  scope: Construct,
  aws: AwsConfig,
  lakeBucket: string,
): { usersWorkgroup: string; engineWorkgroup: string } {
  const encryptionConfiguration =
    aws.kms_key_arn === undefined
      ? { encryptionOption: 'SSE_S3' }
      : { encryptionOption: 'SSE_KMS', kmsKey: aws.kms_key_arn };
  const results = (folder: string): CfnWorkGroup.ResultConfigurationProperty => ({
    outputLocation: `s3://${lakeBucket}/${folder}`,
    encryptionConfiguration,
  });
  const recursiveDeleteOption = aws.removal === 'destroy';
  const users = new CfnWorkGroup(scope, 'Users', {
    name: aws.name,
    description: 'SQL over the inference ledger, for people and dashboards',
    recursiveDeleteOption,
    workGroupConfiguration: {
      enforceWorkGroupConfiguration: true,
      bytesScannedCutoffPerQuery: Math.round(aws.athena.query_limit_gb * GB),
      publishCloudWatchMetricsEnabled: true,
      engineVersion: ENGINE,
      resultConfiguration: results(LAKE_FOLDERS.userResults),
    },
  });
  const engine = new CfnWorkGroup(scope, 'Engine', {
    name: `${aws.name}-engine`,
    description: 'Used by the inference ledger itself; people use the other one',
    recursiveDeleteOption,
    workGroupConfiguration: {
      enforceWorkGroupConfiguration: false,
      publishCloudWatchMetricsEnabled: true,
      engineVersion: ENGINE,
      resultConfiguration: results(LAKE_FOLDERS.engineResults),
    },
  });
  return { usersWorkgroup: users.ref, engineWorkgroup: engine.ref };
}
