# Finds a JDK for the scripts of this folder, which source this file: JDK is its home.
# Environment: JAVA_HOME, if it is new enough; else the first one in the usual places.
readonly NEEDED=25

version_of() {
  local version=0
  if [ -x "$1/bin/java" ] && [ -r "$1/release" ]; then
    version=$(sed -n 's/^JAVA_VERSION="\([0-9][0-9]*\).*/\1/p' "$1/release")
  fi
  echo "${version:-0}"
}

find_jdk() {
  local home
  for home in "${JAVA_HOME:-}" /usr/lib/jvm/* "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/*; do
    if [ "$(version_of "$home")" -ge "$NEEDED" ]; then
      echo "$home"
      return
    fi
  done
}

JDK=$(find_jdk)
if [ -z "$JDK" ]; then
  echo "$(basename "$0"): needs a JDK $NEEDED or newer; set JAVA_HOME to one" >&2
  exit 1
fi
