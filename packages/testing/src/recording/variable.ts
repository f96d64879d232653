/** The environment variable that names the folder to record to. */
export const recordVariable = 'GATEWRIGHT_RECORD'
