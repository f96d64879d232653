#!/usr/bin/env node
import '@gatewright/cli/main'
