export { openSink, type Received, type Sink, type SinkLimits, tooLarge } from '@pixdock/shared/staging/sink';
