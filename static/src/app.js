// Start the design system's own behaviour. Every page works without this file.
import { initAll } from "govuk-frontend";

initAll();
