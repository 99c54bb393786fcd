/* A preload: node --import @pixdock/telemetry dist/main.js. Its settings are those of OpenTelemetry, such as OTEL_EXPORTER_OTLP_ENDPOINT. */
import { DiagConsoleLogger, DiagLogLevel, diag } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { envDetector } from '@opentelemetry/resources';
import { NodeSDK } from '@opentelemetry/sdk-node';

// Console errors go to stderr: stdout is for the log lines of the service.
diag.setLogger(new DiagConsoleLogger(), DiagLogLevel.ERROR);
new NodeSDK({
  traceExporter: new OTLPTraceExporter(),
  // The default detectors would also send command lines and host names.
  resourceDetectors: [envDetector],
  metricReaders: [],
  logRecordProcessors: [],
}).start();
