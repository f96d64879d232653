#!/usr/bin/env node
import module from 'node:module'

// newer versions of Node keep compiled code between runs
module.enableCompileCache?.()
await import('@gatewright/cli/main')
