/**
 * A bucket as every bucket of the ledger is: private, encrypted, TLS only, versioned. In: config and lifecycle. Out: the bucket. Events are
 * switched on by the bucket's own property, which needs no custom resource.
 */
import { Fn } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Effect, AnyPrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnBucket, CfnBucketPolicy } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { AwsConfig } from '../../config-aws.ts';
import { acknowledge } from '../acknowledge.ts';
import { deletionOf } from '../settings.ts';

export interface LedgerBucketProps {
  readonly aws: AwsConfig;
  readonly lifecycle: CfnBucket.RuleProperty[];
  /** whether EventBridge hears of its objects */
  readonly sendsEvents: boolean;
}

/** Makes a bucket and its policy. */
export function ledgerBucket(
  scope: Construct,
  id: string,
  { aws, lifecycle, sendsEvents }: LedgerBucketProps,
): CfnBucket {
  const bucket = new CfnBucket(scope, id, {
    bucketEncryption: { serverSideEncryptionConfiguration: [encryption(aws.kms_key_arn)] },
    publicAccessBlockConfiguration: {
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    ownershipControls: { rules: [{ objectOwnership: 'BucketOwnerEnforced' }] },
    versioningConfiguration: { status: 'Enabled' },
    lifecycleConfiguration: { rules: lifecycle },
    ...(sendsEvents ? { notificationConfiguration: { eventBridgeConfiguration: { eventBridgeEnabled: true } } } : {}),
  });
  bucket.cfnOptions.deletionPolicy = deletionOf(aws);
  bucket.cfnOptions.updateReplacePolicy = deletionOf(aws);
  acknowledge(bucket, {
    'AwsSolutions-S1':
      'Access logs would keep names of objects, which may name persons, in a third bucket for longer than the inbox keeps the objects. Who needs a trail switches on data events in CloudTrail.',
  });
  new CfnBucketPolicy(scope, `${id}Policy`, { bucket: bucket.ref, policyDocument: tlsOnly(bucket.attrArn) });
  return bucket;
}

function encryption(kmsKeyArn: string | undefined): CfnBucket.ServerSideEncryptionRuleProperty {
  if (kmsKeyArn === undefined) return { serverSideEncryptionByDefault: { sseAlgorithm: 'AES256' } };
  return {
    // one data key for many objects: otherwise every read asks KMS
    bucketKeyEnabled: true,
    serverSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: kmsKeyArn },
  };
}

/** Everything is refused that does not come over TLS. */
function tlsOnly(bucketArn: string): PolicyDocument {
  return new PolicyDocument({
    statements: [
      new PolicyStatement({
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['s3:*'],
        resources: [bucketArn, Fn.join('', [bucketArn, '/*'])],
        conditions: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    ],
  });
}
