# For tests/container.sh: the worker of a version to come, whose catalogue has one migration more. That build tracks no
# dependencies, so the files that include the header are touched.
ARG BUILD
ARG WORKER
FROM ${BUILD} AS build
RUN sed -i '0,/^};/s//    "ALTER TABLE image ADD COLUMN next INTEGER;",\n};/' cgi/store/catalogue_schema.c \
 && perl -pi -e 's/(CATALOGUE_SCHEMA_VERSION) (\d+)/"$1 " . ($2 + 1)/e' cgi/store/catalogue_schema.h \
 && touch $(grep -rl --include='*.c' catalogue_schema.h cgi) \
 && make -j "$(nproc)" V=0 \
 && make install-strip DESTDIR=/next V=0

FROM ${WORKER}
COPY --from=build /next/usr/bin /usr/bin
COPY --from=build /next/usr/libexec/vitrine/vitrine.fcgi /next/usr/libexec/vitrine/vitrine-decoder /next/usr/libexec/vitrine/image_*.so /usr/libexec/vitrine/
